curl -sXPOST -dfoo=bar -HX-A:1 http://127.0.0.1:8000/l
