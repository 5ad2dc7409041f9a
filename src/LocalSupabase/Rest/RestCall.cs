using Microsoft.AspNetCore.Http;
using Npgsql;
using Platform.LocalSupabase.Rest.Catalog;
using Platform.LocalSupabase.Rest.Queries;

namespace Platform.LocalSupabase.Rest;

/// <summary>A request in its transaction, under its caller's role.</summary>
internal sealed class RestCall(HttpContext context, NpgsqlConnection connection, string schema, RestOptions options)
{
    public HttpContext Context => context;

    public CancellationToken Cancelled => context.RequestAborted;

    public CatalogReader Catalog { get; } = new(connection, schema, context.RequestAborted);

    public Preferences Preferences { get; } = Preferences.Read(context.Request.Headers);

    /// <summary>The most rows of the answer.</summary>
    public long LimitOf(Query query) => Math.Min(query.Limit ?? options.MaxRows, options.MaxRows);

    /// <summary>Runs a query and gives its rows as one JSON array, and how many they are.</summary>
    public async Task<(string Json, long Rows)> RowsAsync(string with, string query, SqlWriter writer)
    {
        await using var command = Command(
            $"{with}select coalesce(json_agg(row_to_json(answer)), '[]')::text, count(*) from ({query}) as answer", writer);
        await using var reader = await command.ExecuteReaderAsync(Cancelled);
        await reader.ReadAsync(Cancelled);
        return (reader.GetString(0), reader.GetInt64(1));
    }

    public NpgsqlCommand Command(string sql, SqlWriter writer)
    {
        var command = new NpgsqlCommand(sql, connection);
        writer.Parameters.ForEach(parameter => command.Parameters.Add(parameter));
        return command;
    }

    /// <summary>The rows as the answer wants them: an array, or the only one as an object.</summary>
    public string Shape(string json, long rows)
    {
        if (!Preferences.Single)
        {
            return json;
        }

        return rows == 1 ? json[1..^1] : throw RestException.NotOneRow(rows);
    }

    public void CheckAffected(long rows)
    {
        if (Preferences.MaxAffected < rows)
        {
            throw new RestException(
                400, "PGRST124", "Query result exceeds max-affected preference constraint", $"The query affects {rows} rows");
        }
    }
}
