-- Whether an access token's person and session still stand: the person exists and is not banned, and the session, where the token names
-- one, has not ended. Only system jobs may ask; it reads what nobody else can.
create function platform.has_access(person uuid, session uuid) returns boolean
  language sql stable security definer set search_path = ''
as $$
  select exists (
    select from auth.users as u
    where u.id = person and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now()))
  and (session is null or exists (
    select from auth.sessions as s
    where s.id = session and s.user_id = person and (s.not_after is null or s.not_after > now())))
$$;
revoke all on function platform.has_access(uuid, uuid) from public;
grant execute on function platform.has_access(uuid, uuid) to service_role;
