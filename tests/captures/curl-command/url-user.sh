curl http://me:pw@127.0.0.1:8000/u
