curl --oauth2-bearer tok http://127.0.0.1:8000/u
