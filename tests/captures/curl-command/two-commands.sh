curl -s http://127.0.0.1:8000/one && curl -s http://127.0.0.1:8000/two; echo done
# comment
curl -s http://127.0.0.1:8000/three | cat
