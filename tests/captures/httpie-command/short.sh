http localhost:8000 name=x
