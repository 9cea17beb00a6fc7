curl -H 'Transfer-Encoding: chunked' -d 'hello' http://127.0.0.1:8000/ch
