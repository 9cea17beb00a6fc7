curl --request-target '*' -X OPTIONS http://127.0.0.1:8000/
