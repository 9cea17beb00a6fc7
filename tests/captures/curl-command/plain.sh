curl http://127.0.0.1:8000/hello?a=1#frag
