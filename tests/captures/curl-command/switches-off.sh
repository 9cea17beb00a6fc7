curl --no-progress-meter --no-keepalive -d x=1 http://127.0.0.1:8000/l
