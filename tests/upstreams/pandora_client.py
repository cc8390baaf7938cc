"""pandora-chatgpt's own client, driven from a test with the Python that has it: JSON in, JSON out.

`{"messages": ["…"], "regenerate": true}` → texts, ids, models, conversations. CHATGPT_API_PREFIX names the gateway.
"""

import json
import sys
import uuid

from pandora.openai.api import ChatGPT

said = json.load(sys.stdin)
client = ChatGPT({"default": said["token"]})
conversation, parent, question, above = None, str(uuid.uuid4()), None, None
answers = []


def last_of(stream):
    status, _headers, events = stream
    found = None
    for event in events:
        found = event
    return status, found


for text in said["messages"]:
    question, above = str(uuid.uuid4()), parent
    status, event = last_of(client.talk(text, said["model"], question, parent, conversation))
    if status != 200:
        answers.append({"status": status, "error": event})
        break
    message = event["message"]
    conversation, parent = event["conversation_id"], message["id"]
    answers.append(
        {"text": message["content"]["parts"][0], "id": parent, "conversation": conversation}
    )
out = {"answers": answers}
if said.get("regenerate"):
    variant = client.regenerate_reply(
        said["messages"][-1], said["model"], conversation, question, above
    )
    _status, event = last_of(variant)
    out["variant"] = {"id": event["message"]["id"], "text": event["message"]["content"]["parts"][0]}
    out["models"] = [model["slug"] for model in client.list_models()]
    out["listed"] = [each["id"] for each in client.list_conversations(0, 20)["items"]]
    out["deleted"] = client.del_conversation(conversation)
json.dump(out, sys.stdout)
