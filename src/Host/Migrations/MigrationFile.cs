using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Platform.Host.Migrations;

/// <summary>One file of <c>migrations/&lt;schema&gt;/</c>.</summary>
internal sealed partial record MigrationFile(string Schema, string Name, string Sql, string Checksum)
{
    /// <summary>What real Supabase already has.</summary>
    public const string SupabaseSchema = "_supabase";

    private const string FirstOwnSchema = "platform";

    public bool IsSupabase => Schema == SupabaseSchema;

    /// <summary>As it stands in messages: <c>platform/0001_create_outbox.sql</c>.</summary>
    public string Path => $"{Schema}/{Name}";

    /// <summary>All files in the order of their application.</summary>
    public static IReadOnlyList<MigrationFile> ReadAll(string directory, bool withSupabase)
    {
        if (!Directory.Exists(directory))
        {
            throw new MigrationException(
                "migrations_not_found",
                $"There is no folder {directory}. It is part of the Host's build output: build or install it again.");
        }

        return
        [
            .. Directory.EnumerateDirectories(directory)
                .Where(folder => withSupabase || System.IO.Path.GetFileName(folder) != SupabaseSchema)
                .OrderBy(folder => Rank(System.IO.Path.GetFileName(folder)))
                .ThenBy(folder => folder, StringComparer.Ordinal)
                .SelectMany(ReadFolder),
        ];
    }

    private static int Rank(string schema) => schema switch
    {
        SupabaseSchema => 0,
        FirstOwnSchema => 1,
        _ => 2,
    };

    private static List<MigrationFile> ReadFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*.sql").Order(StringComparer.Ordinal).Select(Read).ToList();
        var twice = files.GroupBy(file => file.Name[..4]).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? files
            : throw new MigrationException(
                "migration_number_taken",
                $"{string.Join(" and ", twice.Select(file => file.Path))} have the same number. Give the newer one the next free number.");
    }

    private static MigrationFile Read(string path)
    {
        var content = File.ReadAllBytes(path);
        var file = new MigrationFile(
            System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(path)!),
            System.IO.Path.GetFileName(path),
            Encoding.UTF8.GetString(content),
            Convert.ToHexStringLower(SHA256.HashData(content)));
        return NamePattern().IsMatch(file.Name)
            ? file
            : throw new MigrationException(
                "migration_name_invalid", $"{file.Path} must be named NNNN_name.sql, with lower-case letters, digits and underscores.");
    }

    [GeneratedRegex(@"^\d{4}_[a-z0-9_]+\.sql$")]
    private static partial Regex NamePattern();
}
