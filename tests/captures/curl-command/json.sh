curl --json '{"a": 1}' http://127.0.0.1:8000/j
