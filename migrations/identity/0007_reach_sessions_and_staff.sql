-- A person's sessions live in Supabase Auth's schema, which no client role reads. These functions run as their owner and answer for
-- auth.uid() alone.
create function identity.list_sessions(before uuid, most integer)
  returns table (id uuid, device text, address text, created_at timestamptz, last_used_at timestamptz, is_current boolean)
  language sql stable security definer set search_path = ''
as $$
  select
    session.id, session.user_agent, host(session.ip), session.created_at,
    greatest(session.updated_at, session.refreshed_at at time zone 'utc'),
    coalesce(session.id::text = auth.jwt() ->> 'session_id', false)
  from auth.sessions as session
  where session.user_id = (select auth.uid())
    and (session.not_after is null or session.not_after > now())
    and (before is null or session.id < before)
  order by session.id desc
  limit most
$$;
revoke execute on function identity.list_sessions(uuid, integer) from public;
grant execute on function identity.list_sessions(uuid, integer) to authenticated;

create function identity.end_session(session_id uuid) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from auth.sessions as session where session.id = session_id and session.user_id = auth.uid();
  if not found then
    return false;
  end if;
  perform identity.write_audit(auth.uid(), 'session.ended', 'session', session_id);
  return true;
end
$$;
revoke execute on function identity.end_session(uuid) from public;
grant execute on function identity.end_session(uuid) to authenticated;

-- Staff are known by the claims of their own sign-in: a key has none, and under impersonation they are the person's.
create function identity.require_staff() returns void
  language plpgsql stable set search_path = ''
as $$
begin
  if coalesce(auth.jwt() -> 'app_metadata' ->> 'role', '') not in ('support', 'admin') then
    raise exception 'Staff alone may do this.' using errcode = 'insufficient_privilege';
  end if;
end
$$;
revoke execute on function identity.require_staff() from public;

create function identity.staff_find_users(search text, account uuid, before uuid, most integer)
  returns table (
    id uuid, email text, full_name text, role text, created_at timestamptz, last_sign_in_at timestamptz, banned_until timestamptz,
    sessions bigint, api_keys bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select
      person.id, person.email, person.full_name, account_row.raw_app_meta_data ->> 'role', person.created_at,
      account_row.last_sign_in_at, case when account_row.banned_until > now() then account_row.banned_until end,
      (select count(*) from auth.sessions as session where session.user_id = person.id),
      (select count(*) from identity.api_keys as key where key.user_id = person.id)
    from identity.users as person
    left join auth.users as account_row on account_row.id = person.id
    where (account is null or person.id = account)
      and (before is null or person.id < before)
      and (search is null or person.id::text = lower(search)
        or strpos(lower(person.email), lower(search)) > 0 or strpos(lower(person.full_name), lower(search)) > 0)
    order by person.id desc
    limit most;
end
$$;
revoke execute on function identity.staff_find_users(text, uuid, uuid, integer) from public;
grant execute on function identity.staff_find_users(text, uuid, uuid, integer) to authenticated;

-- Bans until a time, or lifts the ban where there is none. False where nobody has the id.
create function identity.staff_ban(account uuid, until timestamptz, reason text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  update auth.users as person set banned_until = until, updated_at = now() where person.id = account and person.deleted_at is null;
  if not found then
    return false;
  end if;
  if until is not null then
    delete from auth.sessions as session where session.user_id = account;
  end if;
  perform identity.write_audit(
    account, case when until is null then 'account.unbanned' else 'account.banned' end, 'account', account, reason,
    case when until is null then '{}' else jsonb_build_object('until', until) end);
  return true;
end
$$;
revoke execute on function identity.staff_ban(uuid, timestamptz, text) from public;
grant execute on function identity.staff_ban(uuid, timestamptz, text) to authenticated;

-- How many sessions were ended; null where nobody has the id.
create function identity.staff_end_sessions(account uuid, reason text) returns integer
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  ended integer;
begin
  perform identity.require_staff();
  if not exists (select from identity.users as person where person.id = account) then
    return null;
  end if;
  delete from auth.sessions as session where session.user_id = account;
  get diagnostics ended = row_count;
  perform identity.write_audit(account, 'sessions.revoked', 'account', account, reason, jsonb_build_object('sessions', ended));
  return ended;
end
$$;
revoke execute on function identity.staff_end_sessions(uuid, text) from public;
grant execute on function identity.staff_end_sessions(uuid, text) to authenticated;

-- Puts an impersonation on record. False where nobody has the id.
create function identity.staff_begin_impersonation(account uuid, impersonation uuid, until timestamptz, reason text) returns boolean
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  if until > now() + interval '61 minutes' or char_length(trim(reason)) = 0 then
    raise exception 'An impersonation has a reason and lasts an hour at most.' using errcode = 'check_violation';
  end if;
  if not exists (select from identity.users as person where person.id = account) then
    return false;
  end if;
  perform identity.write_audit(
    account, 'impersonation.started', 'impersonation', impersonation, reason, jsonb_build_object('until', until));
  return true;
end
$$;
revoke execute on function identity.staff_begin_impersonation(uuid, uuid, timestamptz, text) from public;
grant execute on function identity.staff_begin_impersonation(uuid, uuid, timestamptz, text) to authenticated;

create function identity.staff_read_audit(account uuid, before uuid, most integer) returns setof identity.audit_log
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query
    select log.* from identity.audit_log as log
    where (account is null or log.user_id = account) and (before is null or log.id < before)
    order by log.id desc
    limit most;
end
$$;
revoke execute on function identity.staff_read_audit(uuid, uuid, integer) from public;
grant execute on function identity.staff_read_audit(uuid, uuid, integer) to authenticated;

create function identity.staff_find_audit_faults(account uuid)
  returns table (user_id uuid, sequence bigint, entry_id uuid, fault text)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query select faults.* from identity.find_audit_faults(account) as faults limit 100;
end
$$;
revoke execute on function identity.staff_find_audit_faults(uuid) from public;
grant execute on function identity.staff_find_audit_faults(uuid) to authenticated;

create function identity.staff_overview()
  returns table (
    users bigint, users_new bigint, users_banned bigint, staff bigint, sessions bigint, api_keys bigint, audit_entries bigint,
    events_queued bigint, events_dead bigint)
  language plpgsql stable security definer set search_path = ''
as $$
begin
  perform identity.require_staff();
  return query select
    (select count(*) from identity.users),
    (select count(*) from identity.users as person where person.created_at > now() - interval '1 day'),
    (select count(*) from auth.users as person where person.banned_until > now()),
    (select count(*) from auth.users as person where person.raw_app_meta_data ->> 'role' in ('support', 'admin')),
    (select count(*) from auth.sessions as session where session.not_after is null or session.not_after > now()),
    (select count(*) from identity.api_keys as key where key.revoked_at is null and (key.expires_at is null or key.expires_at > now())),
    (select count(*) from identity.audit_log),
    (select count(*) from platform.outbox as event where event.status = 'queued'),
    (select count(*) from platform.outbox as event where event.status = 'dead');
end
$$;
revoke execute on function identity.staff_overview() from public;
grant execute on function identity.staff_overview() to authenticated;
