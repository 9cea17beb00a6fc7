curl -d '' http://127.0.0.1:8000/e
