-- Removes what the kernel keeps of the caller, whose account is being deleted: answers, topics of the event log, delivered events. What is
-- still to be delivered stays until it is, since deleting an account is itself such an event.
create function platform.forget_caller() returns void language plpgsql security definer set search_path = '' as $$
declare
  person uuid := auth.uid();
begin
  delete from platform.idempotency_keys where user_id = person;
  delete from platform.stream_topics where user_id = person;
  delete from platform.outbox where user_id = person and status = 'dispatched';
end $$;
revoke execute on function platform.forget_caller() from public;
grant execute on function platform.forget_caller() to authenticated;
