http GET 'http://127.0.0.1:8000/hello?a=1' 'Host: 127.0.0.1:8000' 'User-Agent: curl/7.88.1' 'Accept: */*' 'Proxy-Connection: Keep-Alive'
