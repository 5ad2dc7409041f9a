using Microsoft.EntityFrameworkCore;

namespace Platform.Workflows.Persistence;

/// <summary>Functions of the schema that answer with one JSON document.</summary>
internal static class JsonQueries
{
    public static async Task<string> JsonAsync(this WorkflowsDbContext db, FormattableString sql, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<string>(sql).ToListAsync(cancellationToken))[0];
}
