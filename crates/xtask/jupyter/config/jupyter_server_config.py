"""Settings of the Jupyter server that need code; the others are in jupyter_server_config.json."""

import asyncio

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

# How often to look whether there is still anybody to wait for, in seconds.
BEAT = 0.5


class PatientConnection(ZMQChannelsWebsocketConnection):
    """Asks a kernel that starts whether it is there once, not twice a second.

    Jupyter repeats the question until there is an answer, and then hangs up. The Rust kernel starts for some seconds,
    finds all the questions waiting, answers them one by one, and ends with "Broken pipe" as soon as it answers one of a
    caller who has hung up: after "Restart Kernel and Run All Cells" the cells then stay empty. So nobody hangs up here
    before all that was asked has been answered.
    """

    def nudge(self) -> asyncio.Future:
        # Upstream's own exception: what is asked now would be answered after the cell.
        if getattr(self.kernel_manager, "execution_state", None) == "busy":
            done = asyncio.Future()
            done.set_result(None)
            return done
        return asyncio.ensure_future(self.wait_for_kernel())

    async def wait_for_kernel(self) -> None:
        """Returns when the kernel answers, and what it broadcasts arrives; or when there is no hope of that."""
        broadcast = self.channels["iopub"]
        answered, heard = asyncio.Event(), asyncio.Event()
        caller = self.kernel_manager.connect_shell()
        caller.on_recv(lambda _: answered.set())
        broadcast.on_recv(lambda _: heard.set())
        try:
            await asyncio.wait_for(self.ask(caller, answered, heard), self.kernel_info_timeout)
        except asyncio.TimeoutError:
            self.log.warning("Kernel %s does not answer", self.kernel_id)
        finally:
            if not caller.closed():
                caller.close()
            if not broadcast.closed():
                broadcast.stop_on_recv()

    async def ask(self, caller, answered: asyncio.Event, heard: asyncio.Event) -> None:
        """One question at a time, until what the kernel broadcasts about it is heard."""
        ports = list(self.kernel_manager.ports)
        while not heard.is_set():
            answered.clear()
            self.session.send(caller, "kernel_info_request")
            while not answered.is_set():
                is_there = self.kernel_id in self.multi_kernel_manager and list(self.kernel_manager.ports) == ports
                if not is_there or caller.closed() or self.channels["iopub"].closed():
                    return
                await self.wait(answered)
            await self.wait(heard)

    @staticmethod
    async def wait(event: asyncio.Event) -> None:
        try:
            await asyncio.wait_for(event.wait(), BEAT)
        except asyncio.TimeoutError:
            pass


c = get_config()  # noqa: F821 (Jupyter puts it here)
c.ServerApp.kernel_websocket_connection_class = PatientConnection
