curl --data-urlencode 'name=a b&c/é~' --data-urlencode '=x=y' --data-urlencode 'plain text' http://127.0.0.1:8000/d
