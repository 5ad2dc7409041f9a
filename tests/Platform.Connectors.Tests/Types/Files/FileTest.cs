using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Types.Files;

/// <summary>A test of the file connector over real workers: the verbs for that.</summary>
public abstract class FileTest
{
    private readonly LocalUploads _uploads = new();
    private Workers _workers = null!;
    private int _files;

    internal FileConnector Connector { get; private set; } = null!;

    [OneTimeSetUp]
    public void StartWorkers()
    {
        _workers = new Workers();
        Connector = new FileConnector(_workers.Engine, _uploads, _workers.Cache, TimeProvider.System);
    }

    [OneTimeTearDown]
    public void EndWorkers() => _workers.Dispose();

    /// <summary>A path for a file of the test.</summary>
    protected string NewPath(string name)
    {
        var folder = Path.Combine(_workers.Folders.Base, $"files-{_files++}");
        Directory.CreateDirectory(folder);
        return Path.Combine(folder, name);
    }

    protected string Write(string name, string content, Encoding? encoding = null)
    {
        var path = NewPath(name);
        File.WriteAllText(path, content, encoding ?? new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        return path;
    }

    protected string Write(string name, byte[] content)
    {
        var path = NewPath(name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Settings of an upload; the config is JSON, whose quotes may be single.</summary>
    internal ConnectorSettings Of(string path, string config = "{}")
    {
        var members = JsonNode.Parse(config)!.AsObject();
        members["upload_id"] = _uploads.Add(path).ToString();
        var element = JsonSerializer.SerializeToElement(members);
        Assert.That(Schemas(element), Is.Empty, "The config does not fit its schema.");
        return Settings.Of(element);
    }

    /// <summary>All rows, and the types of the columns before them.</summary>
    protected async Task<string> ReadAsync(string path, string config = "{}", string query = "select * from data")
    {
        var result = await Connector.QueryAsync(Of(path, config), Settings.Query(query), default);
        return $"{result.Types()} {result.Json()}";
    }

    protected async Task<string> NamesAsync(string path, string config = "{}")
    {
        var tables = await Connector.DiscoverAsync(Of(path, config), null, default);
        return string.Join('|', tables.Single().Columns.Select(column => column.Name));
    }

    protected async Task<IReadOnlyList<string>> NotesAsync(string path, string config = "{}") =>
        (await Connector.DiscoverAsync(Of(path, config), null, default)).Single().Notes;

    /// <summary>The code and the message of a file that cannot be read; a test of the connector tells the same.</summary>
    protected async Task<string> FailAsync(string path, string config = "{}")
    {
        var settings = Of(path, config);
        var exception = Assert.ThrowsAsync<SourceException>(
            () => Connector.QueryAsync(settings, Settings.Query("select * from data limit 1"), default));
        var test = await Connector.TestAsync(settings, default);

        Assert.That(test.Code, Is.EqualTo("invalid_config"));
        Assert.That(test.Detail, Is.EqualTo(exception.Message).And.Not.Contain(_workers.Folders.Base));
        return $"{exception.Code}: {exception.Message}";
    }

    private IEnumerable<string> Schemas(JsonElement config) =>
        Connectors.Schemas.JsonSchemaCheck.Check(Connector.ConfigSchema, config, "config")
            .Concat(Connector.CheckConfig(config)).Select(fault => $"{fault.Key}: {string.Join(' ', fault.Value)}");
}
