-- Staff may end an impersonation before its time, and so may the person who is looked at. Its end stands in the log, like its beginning;
-- a token whose impersonation has ended is refused.
create index audit_log_impersonations on identity.audit_log (object_id) where object_type = 'impersonation';

create function identity.end_impersonation(impersonation uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  started identity.audit_log;
begin
  select log.* into started
  from identity.audit_log as log
  where log.object_type = 'impersonation' and log.object_id = impersonation and log.action = 'impersonation.started';
  if started.id is null then
    return false;
  end if;
  if started.user_id <> auth.uid() and coalesce(auth.jwt() -> 'app_metadata' ->> 'role', '') not in ('support', 'admin') then
    return false;
  end if;
  -- Two who end it at once wait for each other, so that it ends once.
  perform from identity.audit_heads as head where head.user_id = started.user_id for update;
  if not identity.impersonation_has_ended(impersonation) then
    perform identity.write_audit(started.user_id, 'impersonation.ended', 'impersonation', impersonation);
  end if;
  return true;
end
$$;

create function identity.impersonation_has_ended(impersonation uuid) returns boolean
  language sql stable security definer set search_path = ''
as $$
  select exists (
    select from identity.audit_log as log
    where log.object_type = 'impersonation' and log.object_id = impersonation and log.action = 'impersonation.ended')
$$;

revoke execute on function identity.end_impersonation(uuid) from public;
grant execute on function identity.end_impersonation(uuid) to authenticated;
revoke execute on function identity.impersonation_has_ended(uuid) from public;
grant execute on function identity.impersonation_has_ended(uuid) to service_role;
