http PUT :8000/x X-Empty\; note=a:b 'k\:y=v'
