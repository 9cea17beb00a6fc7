curl --json '[]' -H 'content-type: application/x' http://127.0.0.1:8000/j
