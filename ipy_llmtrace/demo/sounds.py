"""The sound of a chat reply that was asked for as audio: a short tone.

Format: https://platform.openai.com/docs/guides/audio
"""

from __future__ import annotations

import base64
import io
import math
import struct
import wave

RATE_HZ = 8_000
TONE_HZ = 440
LENGTH_S = 0.1


def pcm() -> bytes:
    """The tone, mono, as 16-bit samples, the form in which sound is streamed."""
    samples = [round(8_000 * math.sin(2 * math.pi * TONE_HZ * at / RATE_HZ)) for at in range(int(RATE_HZ * LENGTH_S))]
    return struct.pack(f"<{len(samples)}h", *samples)


def wav_base64() -> str:
    """The tone, mono, as WAV in base64."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(pcm())
    return base64.b64encode(file.getvalue()).decode()
