curl -H 'Host: other' -H 'Accept:' -H 'X-Empty;' -H 'x-a:1' -H 'User-Agent: me' -H 'x-a: 2' http://127.0.0.1:8000/h
