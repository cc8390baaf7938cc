"""The child process that runs the demo model: `python -m upstream.demo.server`.

It reads one JSON line from its standard input (`{"key": …, "temperature": …}`), starts llama.cpp's HTTP server on a
free loopback port, answers with one JSON line (`{"address": …}`) and serves until its standard
input ends. The parent holds the other end of that pipe, so that no kind of death of the parent,
kill -9 included, leaves a model behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import threading
from typing import Any, TextIO

from upstream.demo.weights import find_weights

MODEL = "smollm2-135m"
SLOTS = 2
TOKENS_PER_SLOT = 4096  # together the 8192 that SmolLM2 was trained for
TOKENS_PER_ANSWER = 1024  # so small a model sometimes repeats itself for ever
HTTP_THREADS = 32  # a waiting request holds one; the default of 3 would hide the queue from clients
PROMPT_CACHE_MIB = 256  # the default is 8 GiB

# What the model does with a request that says nothing of it, chosen by trying: with the system message of its own
# template ("You are a helpful AI assistant named SmolLM …") it answers "What is the capital of France?" with an endless
# "la femme de France", with this one it says Paris, and that 2 + 2 is 4. The penalty ends most loops.
TEMPERATURE = 0.1
REPETITION_PENALTY = 1.1
CHAT_TEMPLATE = (
    "{% if messages[0]['role'] != 'system' %}"
    "<|im_start|>system\nAnswer the question in plain English.<|im_end|>\n"
    "{% endif %}"
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

PR_SET_PDEATHSIG = 1


def main() -> None:
    answer = _keep_standard_output_for_the_answer()
    _die_with_parent()
    told = json.loads(sys.stdin.readline())
    # A thread, because loading the weights and computing an answer hold no Python code that could look.
    threading.Thread(target=_end_with_standard_input, daemon=True).start()
    server = _start(key=told["key"], temperature=told["temperature"])
    with answer:
        print(json.dumps({"address": server.listening_address}), file=answer, flush=True)
    threading.Event().wait()


def _start(*, key: str, temperature: float) -> Any:
    import xllamacpp  # a second and 50 MB: only the child pays them

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(find_weights())
    parameters.model_alias = {MODEL}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [key]
    parameters.n_ctx = SLOTS * TOKENS_PER_SLOT
    parameters.n_parallel = SLOTS
    parameters.n_predict = TOKENS_PER_ANSWER
    parameters.cpuparams.n_threads = _threads(os.cpu_count() or 1)
    parameters.n_threads_http = HTTP_THREADS
    parameters.cache_ram_mib = PROMPT_CACHE_MIB
    parameters.use_jinja = True
    parameters.chat_template = CHAT_TEMPLATE
    parameters.sampling.temp = temperature
    parameters.sampling.penalty_repeat = REPETITION_PENALTY
    parameters.ui = False
    return xllamacpp.Server(parameters)


def _threads(cores: int) -> int:
    """One core is left to the portal. Threads wait for each other by spinning: with two on two cores that others use,
    an answer of 89 tokens took 9.9 s instead of 0.9; with one 1.3 s, busy or not.
    """
    return max(1, min(2, cores - 1))


def _keep_standard_output_for_the_answer() -> TextIO:
    """llama.cpp writes its log to both outputs: let it, and keep the pipe for our one line."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answer


def _die_with_parent() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _end_with_standard_input() -> None:
    while sys.stdin.read(4096):
        pass
    os._exit(0)  # no clean-up is worth waiting for a model that is still computing


if __name__ == "__main__":
    main()
