"""The load: synthetic messages, and senders of them over MLLP, HTTP and AMQP as a process of its own."""
