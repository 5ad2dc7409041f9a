using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>
/// The bare limit: the same rows by the same statements over HTTP with nothing in between. Kestrel and raw Npgsql, prepared statements, the
/// same role and claims in the same round trip, no token, no pipeline, no mapper.
/// </summary>
internal static class BareServer
{
    private const string Identity = "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true);";
    private const string Columns = "id, name, description, layout::text, config::text, is_public, created_at, updated_at, xmin::text";

    private const string Find = """
        select d.id, d.name, d.description, d.layout::text, d.config::text, d.is_public, d.created_at, d.updated_at, d.xmin::text,
               w.id, w.dashboard_id, w.connector_id, w.type, w.config::text, w.data_query::text,
               w.position_x, w.position_y, w.width, w.height, w.created_at, w.updated_at
        from dashboards.dashboards d left join dashboards.widgets w on w.dashboard_id = d.id
        where d.id = $1 order by w.position_y, w.position_x
        """;

    private const string List = $"select {Columns} from dashboards.dashboards where user_id = $1 and id < $2 order by id desc limit 26";

    public static async Task<int> RunAsync(string databaseUrl, Guid userId)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var source = NpgsqlDataSource.Create(ConnectionString.Of(databaseUrl));
        var claims = $$"""{"sub":"{{userId}}","role":"authenticated"}""";
        var app = builder.Build();
        app.MapGet("/dashboards/{id:guid}", async (Guid id, HttpContext http) =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var batch = Begin(connection, claims, Find, id);
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            await reader.ReadAsync();
            http.Response.ContentType = "application/json";
            await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
            Write(writer, reader);
        });
        app.MapGet("/dashboards", async (HttpContext http) =>
        {
            await using var connection = await source.OpenConnectionAsync();
            await using var batch = Begin(connection, claims, List, userId, Guid.AllBitsSet);
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            http.Response.ContentType = "application/json";
            await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
            writer.WriteStartArray();
            while (await reader.ReadAsync())
            {
                Write(writer, reader);
            }

            writer.WriteEndArray();
        });
        app.MapPost("/dashboards", async (HttpContext http) =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body);
            await using var connection = await source.OpenConnectionAsync();
            await using var batch = Begin(
                connection,
                claims,
                "insert into dashboards.dashboards (id, user_id, name, layout, config, created_at, updated_at) values ($1, $2, $3, '{}', '{}', now(), now()) returning xmin::text",
                Guid.CreateVersion7(), userId, body.GetProperty("name").GetString()!);
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            await reader.ReadAsync();
            http.Response.StatusCode = StatusCodes.Status201Created;
            await http.Response.WriteAsync($$"""{"version":"{{reader.GetString(0)}}"}""");
        });
        app.MapPatch("/dashboards/{id:guid}", async (Guid id, HttpContext http) =>
        {
            var body = await JsonSerializer.DeserializeAsync<JsonElement>(http.Request.Body);
            await using var connection = await source.OpenConnectionAsync();
            await using var batch = Begin(
                connection,
                claims,
                $"update dashboards.dashboards set description = $2, updated_at = now() where id = $1 returning {Columns}",
                id, body.GetProperty("description").GetString()!);
            await using var reader = await batch.ExecuteReaderAsync();
            await reader.NextResultAsync();
            await reader.ReadAsync();
            http.Response.ContentType = "application/json";
            await using var writer = new Utf8JsonWriter(http.Response.BodyWriter);
            Write(writer, reader);
        });
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await ((IHost)app).WaitForShutdownAsync();
        return 0;
    }

    private static NpgsqlBatch Begin(NpgsqlConnection connection, string claims, string sql, params object[] parameters)
    {
        var identity = new NpgsqlBatchCommand(Identity);
        identity.Parameters.Add(new NpgsqlParameter<string> { TypedValue = "authenticated" });
        identity.Parameters.Add(new NpgsqlParameter<string> { TypedValue = claims });
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            statement.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(identity);
        batch.BatchCommands.Add(statement);
        return batch;
    }

    private static void Write(Utf8JsonWriter writer, NpgsqlDataReader reader)
    {
        writer.WriteStartObject();
        writer.WriteString("id", reader.GetGuid(0));
        writer.WriteString("name", reader.GetString(1));
        writer.WriteString("description", reader.IsDBNull(2) ? null : reader.GetString(2));
        writer.WritePropertyName("layout");
        writer.WriteRawValue(reader.GetString(3));
        writer.WritePropertyName("config");
        writer.WriteRawValue(reader.GetString(4));
        writer.WriteBoolean("is_public", reader.GetBoolean(5));
        writer.WriteString("created_at", reader.GetDateTime(6));
        writer.WriteString("updated_at", reader.GetDateTime(7));
        writer.WriteString("version", reader.GetString(8));
        writer.WriteEndObject();
    }
}

/// <summary>A postgresql URL as Npgsql reads it.</summary>
internal static class ConnectionString
{
    public static string Of(string url)
    {
        var uri = new Uri(url);
        var credentials = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Username = credentials[0],
            Password = credentials[1],
            Database = uri.AbsolutePath.Trim('/'),
            MaxPoolSize = 32,
            MaxAutoPrepare = 20,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
    }
}
