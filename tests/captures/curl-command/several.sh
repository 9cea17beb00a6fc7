curl http://127.0.0.1:8000/a http://127.0.0.1:8000/b --next -d x http://127.0.0.1:8000/c
