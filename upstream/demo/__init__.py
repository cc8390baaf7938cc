"""The bundled demo model: llama.cpp's own HTTP server, reached like any other provider."""
