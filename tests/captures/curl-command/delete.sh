curl --request DELETE http://127.0.0.1:8000/p
