curl --path-as-is http://127.0.0.1:8000/a/./b/../c
