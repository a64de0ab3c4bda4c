"""Operations on stacks: create with rollback, update with rollback, delete; and their duration.

Corrects moto, where a stack is complete at once, a failure leaves half a stack, and nothing is rolled back.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from moto.core.utils import utcnow

from local_aws import clock
from local_aws.services.cloudformation.exceptions import ResourceFailure
from local_aws.services.cloudformation.models import template
from local_aws.services.cloudformation.models.rights import Actor
from local_aws.services.cloudformation.models.stack import ManagedStack, Record
from local_aws.services.cloudformation.operations.resource_work import ResourceWork, reason_of

log = logging.getLogger("local_aws.cloudformation")

OPERATION_SECONDS = 10


def in_background(stack: ManagedStack, work: Callable[[], None]) -> None:
    """Runs an operation after its API call was answered; half of its time passes before the work, half after."""

    def run() -> None:
        with stack.busy:
            clock.sleep(OPERATION_SECONDS / 2)
            try:
                work()
            except Exception as failure:
                log.exception("an operation on the stack %s broke", stack.name)
                stack.set_status(stack.status.replace("_IN_PROGRESS", "_FAILED"), reason_of(failure))

    threading.Thread(target=run, name=f"stack-{stack.name}", daemon=True).start()


class StackWork:
    """One operation on one stack; `pause` lets the rest of its time pass before the final status."""

    def __init__(self, stack: ManagedStack, actor: Actor | None, pause: bool = True) -> None:
        self.stack = stack
        self.resources = ResourceWork(stack, actor)
        self._pause = pause

    def _take_time(self) -> None:
        if self._pause:
            clock.sleep(OPERATION_SECONDS / 2)

    def create(self) -> None:
        """Makes all resources; after a failure does what the stack's OnFailure says."""
        failed: list[str] = []
        try:
            for logical_id in template.creation_order(self.stack.template_dict):
                if self.stack.cancelled:
                    return
                if self.stack.resources.wanted(logical_id):
                    self.resources.create(logical_id)
            self.stack.settle_outputs()
        except ResourceFailure as failure:
            failed.append(failure.logical_id)
        except Exception as failure:
            self._roll_back_creation(reason_of(failure))
            return
        if failed:
            self._roll_back_creation(f"The following resource(s) failed to create: [{', '.join(failed)}]. ")
            return
        self._take_time()
        if not self.stack.cancelled:
            self.stack.set_status("CREATE_COMPLETE")

    def _roll_back_creation(self, reason: str) -> None:
        stack = self.stack
        if stack.cancelled:
            return
        if stack.on_failure == "DO_NOTHING":
            self._take_time()
            stack.set_status("CREATE_FAILED", reason)
            return
        if stack.on_failure == "DELETE":
            stack.set_status("DELETE_IN_PROGRESS", reason + "Delete requested by user.")
            self._delete_and_finish("DELETE_COMPLETE", "DELETE_FAILED", None)
            return
        reason += "Rollback requested by user."
        stack.set_status("ROLLBACK_IN_PROGRESS", reason)
        self._delete_and_finish("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", reason)

    def delete(self) -> None:
        """Deletes all resources, the last made first."""
        self._delete_and_finish("DELETE_COMPLETE", "DELETE_FAILED", None)

    def _delete_and_finish(self, complete: str, incomplete: str, reason: str | None) -> None:
        stack = self.stack
        failed = self._delete_resources(list(reversed(stack.records.values())))
        self._take_time()
        if failed:
            stack.set_status(incomplete, f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
            return
        stack.withdraw_exports()
        stack.output_list = []
        if complete == "DELETE_COMPLETE":
            forget(stack)
        stack.set_status(complete, reason)

    def _delete_resources(self, records: list[Record]) -> list[str]:
        failed = []
        for record in records:
            try:
                self.resources.delete(record)
            except ResourceFailure as failure:
                failed.append(failure.logical_id)
        return failed

    def update(self, text: Any, values: dict[str, str], tags: dict[str, str], submitted: str | None = None) -> None:
        """Brings all resources to another template; after a failure back to the present one."""
        stack = self.stack
        before = (stack.template, stack.parameters, stack.tags, stack.submitted)
        undo: list[Callable[[], Any]] = []
        try:
            stack.take(text, values, tags, submitted)
            self._bring_up_to_date(undo)
            stack.settle_outputs()
        except ResourceFailure as failure:
            reason = f"The following resource(s) failed to update: [{failure.logical_id}]. "
            self._roll_back_update(before, undo, reason)
            return
        except Exception as failure:
            self._roll_back_update(before, undo, reason_of(failure))
            return
        stack.last_updated_time = utcnow()
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._delete_resources(self._superfluous())
        self._forget_deleted()
        self._take_time()
        stack.set_status("UPDATE_COMPLETE")

    def _bring_up_to_date(self, undo: list[Callable[[], Any]]) -> None:
        records = self.stack.records
        for logical_id in template.creation_order(self.stack.template_dict):
            if not self.stack.resources.wanted(logical_id):
                continue
            if logical_id not in records or not records[logical_id].exists:
                undo.append(lambda made=logical_id: self.resources.delete(records[made]))
                self.resources.create(logical_id)
            else:
                undo.append(lambda changed=logical_id: self.resources.update(changed))
                self.resources.update(logical_id)

    def _superfluous(self) -> list[Record]:
        wanted = self.stack.template_dict["Resources"]
        return [
            record
            for record in reversed(self.stack.records.values())
            if record.logical_id not in wanted or not self.stack.resources.wanted(record.logical_id)
        ]

    def _forget_deleted(self) -> None:
        for logical_id, record in list(self.stack.records.items()):
            if record.status == "DELETE_SKIPPED" or not record.exists:
                del self.stack.records[logical_id]

    def _roll_back_update(
        self, before: tuple[Any, dict[str, str], dict[str, str], str], undo: list[Callable[[], Any]], reason: str
    ) -> None:
        stack = self.stack
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        stack.take(*before)
        failed = []
        for step in reversed(undo):
            try:
                step()
            except ResourceFailure as failure:
                failed.append(failure.logical_id)
        self._forget_deleted()
        self._take_time()
        if failed:
            names = ", ".join(failed)
            stack.set_status("UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. ")
            return
        stack.settle_outputs()
        stack.last_updated_time = utcnow()
        stack.set_status("UPDATE_ROLLBACK_COMPLETE", reason)


def forget(stack: ManagedStack) -> None:
    """A deleted stack is found by its id only."""
    stack.deletion_time = utcnow()
    stack.backend.stacks.pop(stack.stack_id, None)
    stack.backend.deleted_stacks[stack.stack_id] = stack
