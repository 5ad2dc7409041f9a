using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Connectors.Tests.Sources;
using Platform.Testing;

namespace Platform.Connectors.Tests.Features;

/// <summary>A test over HTTP, with a source database that is started once.</summary>
public abstract class ConnectorTest : PlatformTest
{
    private static readonly Lazy<SourcePostgres> Server = new(StartSource);

    internal static SourcePostgres Source => Server.Value;

    internal static void StopSource()
    {
        if (Server.IsValueCreated)
        {
            Server.Value.Dispose();
        }
    }

    protected static object PostgresBody(string name = "Shop", string password = "reader password") => new
    {
        name,
        type = "postgres",
        config = new { host = "localhost", port = Source.Port, database = "shop", username = "reader" },
        credentials = new { password },
    };

    protected static async Task<string> ConnectAsync(HttpClient client, object? body = null)
    {
        var created = await PostAsync(client, "/api/v1/connectors", body ?? PostgresBody());
        return $"/api/v1/connectors/{created.GetProperty("id").GetString()}";
    }

    protected static async Task<JsonElement> GetAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(path);
        return await ExpectJsonAsync(response);
    }

    protected static async Task<string> UploadAsync(HttpClient client, string name, byte[]? bytes = null)
    {
        using var form = new MultipartFormDataContent();
        var content = new ByteArrayContent(bytes ?? await File.ReadAllBytesAsync(Workers.Data(name)));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        form.Add(content, "file", name);
        using var response = await client.PostAsync("/api/v1/uploads", form);
        var uploaded = await ExpectJsonAsync(response, HttpStatusCode.Created);
        Assert.That(uploaded.GetProperty("name").GetString(), Is.EqualTo(name));
        return uploaded.GetProperty("upload_id").GetString()!;
    }

    private static SourcePostgres StartSource()
    {
        var server = SourcePostgres.Start();
        server.ExecuteAsync("create database shop", "postgres").GetAwaiter().GetResult();
        server.ExecuteAsync(
            """
            create role reader login password 'reader password';
            create table orders (id bigint primary key, customer text not null, total numeric(10,2), placed_on date);
            insert into orders select i, 'customer ' || i % 3, i * 1.5, date '2026-01-01' + i from generate_series(1, 30) as i;
            create schema archive;
            create table archive.orders (id int, note jsonb);
            insert into archive.orders values (1, '{"a": 1}');
            grant usage on schema archive to reader;
            grant select on orders, archive.orders to reader;
            """).GetAwaiter().GetResult();
        return server;
    }
}
