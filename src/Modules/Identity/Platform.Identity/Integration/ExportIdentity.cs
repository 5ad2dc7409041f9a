using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Identity.Persistence;
using Platform.SharedKernel.Callers;
using Platform.SharedKernel.Messages;

namespace Platform.Identity.Integration;

/// <summary>This module's part of an export: no data key, no key's hash.</summary>
internal sealed record ExportIdentityQuery : IQuery<JsonElement>;

internal sealed class ExportIdentityHandler(IdentityDbContext db, ICurrentCaller caller) : IRequestHandler<ExportIdentityQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportIdentityQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'user', (select to_jsonb(row) from identity.users as row where row.id = {caller.UserId}),
                'profile', (select to_jsonb(row) from identity.user_profiles as row where row.user_id = {caller.UserId}),
                'api_keys', (
                  select coalesce(jsonb_agg(to_jsonb(row) - array['key_hash', 'previous_key_hash'] order by row.id), '[]')
                  from identity.api_keys as row where row.user_id = {caller.UserId}),
                'grants', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from identity.grants as row where {caller.UserId} in (row.user_id, row.owner_id)),
                'audit_log', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.sequence), '[]')
                  from identity.audit_log as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}
