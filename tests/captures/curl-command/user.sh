curl -u me:se:cret http://127.0.0.1:8000/u
