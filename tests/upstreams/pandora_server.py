"""pandora-chatgpt's conversations and events behind the address that access-token clients call. PORT KEY

Run with the Python that has it; OPENAI_API_PREFIX names the server of the real model. What is ours is the address (its
own server speaks to its own page), the check of the token, and three repairs: a tokenizer that needs no download, a
reader that takes events in any order of keys, and models that it does not know by name.
"""

import json
import sys
import types

tokens = types.ModuleType("pandora.openai.token")
tokens.gpt_num_tokens = lambda messages, model="": sum(len(str(m)) // 3 for m in messages)
sys.modules["pandora.openai.token"] = tokens

from flask import Flask, Response, jsonify, request  # noqa: E402
from pandora.openai.api import API  # noqa: E402
from pandora.turbo.chat import TurboGPT  # noqa: E402
from waitress import serve  # noqa: E402

PORT, KEY, GOOD_TOKEN = int(sys.argv[1]), sys.argv[2], "good-token"


async def read_events(self, response):
    yield response.status_code
    yield response.headers
    if response.status_code != 200:
        yield json.loads(await response.aread())
        return
    async for line in response.aiter_lines():
        if line.startswith("data: [DONE]"):
            break
        if line.startswith("data: {"):
            event = json.loads(line[6:])
            if event.get("choices"):
                event["choices"][0]["delta"]["content"] = (
                    event["choices"][0]["delta"].get("content") or ""
                )
                yield event


API._API__process_sse = read_events
chat = TurboGPT({"default": KEY})
app = Flask(__name__)


@app.before_request
def check_token():
    if request.headers.get("Authorization") != f"Bearer {GOOD_TOKEN}":
        return jsonify({"detail": {"message": "expired", "code": "token_expired"}}), 401
    return None


@app.post("/api/conversation")
def turn():
    said = request.json
    model, parent = said["model"], said["parent_message_id"]
    conversation = said.get("conversation_id")
    if said["action"] == "continue":
        answer = chat.goon(model, parent, conversation)
    else:
        (message,) = said["messages"]
        text, message_id = message["content"]["parts"][0], message["id"]
        if said["action"] == "variant":
            answer = chat.regenerate_reply(text, model, conversation, message_id, parent)
        else:
            answer = chat.talk(text, model, message_id, parent, conversation)
    status, headers, events = answer
    body = API.wrap_stream_out(events, status)
    return Response(body, mimetype=headers["Content-Type"], status=status)


@app.get("/api/models")
def models():
    return _passed_on(chat.list_models(True))


@app.get("/api/conversation/<conversation_id>")
def tree(conversation_id):
    return _passed_on(chat.get_conversation(conversation_id, True))


@app.patch("/api/conversation/<conversation_id>")
def delete(conversation_id):
    return _passed_on(chat.del_conversation(conversation_id, True))


def _passed_on(answer):
    return Response(answer.text, status=answer.status_code, mimetype="application/json")


serve(app, host="127.0.0.1", port=PORT, threads=8, ident=None)
