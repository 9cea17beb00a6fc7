curl -d 'a='"'"'b'"'"'' -sSLk -o /dev/null -w '%{http_code}' --max-time 5 http://127.0.0.1:8000/d
