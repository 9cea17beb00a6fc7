curl -G -d q=1 --data-urlencode 'r=a b' 'http://127.0.0.1:8000/d?z=9'
