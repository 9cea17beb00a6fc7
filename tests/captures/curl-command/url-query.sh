curl --url-query 'a=b c' --url-query '+raw=1&x' --url http://127.0.0.1:8000/q?z
