curl --data-raw $'ab\u0000cd' http://127.0.0.1:8000/n
