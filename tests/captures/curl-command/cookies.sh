curl -b 'a=1; b=2' -b c=3 -e http://r/ -A me/1 --compressed -r 0-9 http://127.0.0.1:8000/c
