alter table dashboards.share_links
  add column uses bigint not null default 0 constraint share_links_uses_positive check (uses >= 0),
  add column allowed_origins jsonb not null default '[]'
    constraint share_links_allowed_origins_is_array check (jsonb_typeof(allowed_origins) = 'array')
    constraint share_links_allowed_origins_size check (octet_length(allowed_origins::text) <= 8192),
  add column failed_attempts integer not null default 0 constraint share_links_failed_attempts_positive check (failed_attempts >= 0),
  add column locked_until timestamptz;

-- A visitor changes nothing of a link but this: that it was used, and whether the password was right.
create function dashboards.count_share_link_use() returns void
  language sql volatile security definer set search_path = ''
as $$
  update dashboards.share_links as link set uses = link.uses + 1, last_used_at = now()
  where link.token_hash = auth.jwt() ->> 'share_token_hash'
$$;
revoke execute on function dashboards.count_share_link_use() from public;
grant execute on function dashboards.count_share_link_use() to anon;

-- Takes an attempt before the password is checked, so that attempts at the same moment cannot slip through: five for free, then a wait that
-- doubles up to a quarter of an hour. Answers until when the link is locked, or null where the attempt may go on.
create function dashboards.take_share_password_attempt() returns timestamptz
  language plpgsql volatile security definer set search_path = ''
as $$
declare
  link dashboards.share_links;
begin
  select * into link from dashboards.share_links as row
    where row.token_hash = auth.jwt() ->> 'share_token_hash' for no key update;
  if link.locked_until > now() then
    return link.locked_until;
  end if;
  update dashboards.share_links as row set
      failed_attempts = row.failed_attempts + 1,
      locked_until = case when row.failed_attempts + 1 >= 5
        then now() + least(interval '15 minutes', interval '30 seconds' * power(2, least(row.failed_attempts - 4, 10))) end
    where row.id = link.id;
  return null;
end
$$;
revoke execute on function dashboards.take_share_password_attempt() from public;
grant execute on function dashboards.take_share_password_attempt() to anon;

create function dashboards.forgive_share_password_attempts() returns void
  language sql volatile security definer set search_path = ''
as $$
  update dashboards.share_links as link set failed_attempts = 0, locked_until = null
  where link.token_hash = auth.jwt() ->> 'share_token_hash'
$$;
revoke execute on function dashboards.forgive_share_password_attempts() from public;
grant execute on function dashboards.forgive_share_password_attempts() to anon;
