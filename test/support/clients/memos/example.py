import json
import os
import sys
import time

import requests

headers = {
    "Content-Type": "application/json",
    "Authorization": f"Token {os.environ['MEMOS_API_KEY']}",
}


def post(path, data):
    url = f"{os.environ['MEMOS_BASE_URL']}/{path}"
    res = requests.post(url=url, headers=headers, data=json.dumps(data))
    return res.json()


calls = json.load(sys.stdin)
for call in calls:
    result = post(call["path"], call["data"])
    print(json.dumps({"path": call["path"], "result": result}))
    task = (result.get("data") or {}).get("task_id")
    while call.get("wait") and task:
        status = post("get/status", {"task_id": task})["data"]["status"]
        if status != "running":
            print(json.dumps({"path": "get/status", "result": status}))
            break
        time.sleep(0.1)
