using System.Text.Json;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Platform.Artifacts.Contracts.Queries;
using Platform.Artifacts.Persistence;
using Platform.SharedKernel.Callers;

namespace Platform.Artifacts.Integration;

internal sealed class ExportArtifactsHandler(ArtifactsDbContext db, ICurrentCaller caller) : IRequestHandler<ExportArtifactsQuery, JsonElement>
{
    public async Task<JsonElement> Handle(ExportArtifactsQuery request, CancellationToken cancellationToken)
    {
        var json = await db.Database.SqlQuery<string>(
            $"""
            select jsonb_build_object(
                'artifacts', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from artifacts.artifacts as row where row.user_id = {caller.UserId}),
                'artifact_versions', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from artifacts.artifact_versions as row where row.user_id = {caller.UserId}),
                'lineage_edges', (
                  select coalesce(jsonb_agg(to_jsonb(row) order by row.id), '[]')
                  from artifacts.lineage_edges as row where row.user_id = {caller.UserId}))::text as "Value"
            """).ToListAsync(cancellationToken);
        return JsonSerializer.Deserialize<JsonElement>(json[0]);
    }
}
