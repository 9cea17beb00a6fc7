curl --json '{"a":' --json '1}' -H 'Accept: text/plain' http://127.0.0.1:8000/j
