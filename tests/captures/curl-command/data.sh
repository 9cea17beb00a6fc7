curl -s -d 'a=1' -d "b=2 3" --data-raw '@x' http://127.0.0.1:8000/d
