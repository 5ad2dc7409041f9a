using Npgsql;
using Platform.Testing;

namespace Platform.Host.Tests.Security;

/// <summary>The product's data diagram stands in the database under its names and types.</summary>
public sealed class DiagramTests : PlatformTest
{
    [TestCase("identity.users", "uuid", "id")]
    [TestCase("identity.users", "text", "email full_name")]
    [TestCase("identity.users", "jsonb", "metadata")]
    [TestCase("identity.users", "timestamp with time zone", "created_at updated_at")]
    [TestCase("identity.user_profiles", "uuid", "id user_id")]
    [TestCase("identity.user_profiles", "jsonb", "preferences settings")]
    [TestCase("identity.user_profiles", "timestamp with time zone", "created_at updated_at")]
    [TestCase("connectors.connectors", "uuid", "id user_id")]
    [TestCase("connectors.connectors", "text", "name type status")]
    [TestCase("connectors.connectors", "jsonb", "config credentials_encrypted")]
    [TestCase("connectors.connectors", "timestamp with time zone", "last_sync created_at updated_at")]
    [TestCase("dashboards.dashboards", "uuid", "id user_id")]
    [TestCase("dashboards.dashboards", "text", "name description")]
    [TestCase("dashboards.dashboards", "jsonb", "layout config")]
    [TestCase("dashboards.dashboards", "boolean", "is_public")]
    [TestCase("dashboards.dashboards", "timestamp with time zone", "created_at updated_at")]
    [TestCase("dashboards.widgets", "uuid", "id dashboard_id connector_id")]
    [TestCase("dashboards.widgets", "text", "type")]
    [TestCase("dashboards.widgets", "jsonb", "config data_query")]
    [TestCase("dashboards.widgets", "integer", "position_x position_y width height")]
    [TestCase("dashboards.widgets", "timestamp with time zone", "created_at updated_at")]
    [TestCase("workflows.workflows", "uuid", "id user_id")]
    [TestCase("workflows.workflows", "text", "name description status")]
    [TestCase("workflows.workflows", "jsonb", "steps config")]
    [TestCase("workflows.workflows", "timestamp with time zone", "created_at updated_at")]
    [TestCase("workflows.workflow_executions", "uuid", "id workflow_id")]
    [TestCase("workflows.workflow_executions", "jsonb", "execution_data results")]
    [TestCase("workflows.workflow_executions", "text", "status")]
    [TestCase("workflows.workflow_executions", "timestamp with time zone", "started_at completed_at")]
    [TestCase("chat.chat_sessions", "uuid", "id user_id")]
    [TestCase("chat.chat_sessions", "text", "title")]
    [TestCase("chat.chat_sessions", "jsonb", "messages context")]
    [TestCase("chat.chat_sessions", "timestamp with time zone", "created_at updated_at")]
    [TestCase("artifacts.artifacts", "uuid", "id user_id session_id")]
    [TestCase("artifacts.artifacts", "text", "type name file_path")]
    [TestCase("artifacts.artifacts", "jsonb", "data")]
    [TestCase("artifacts.artifacts", "timestamp with time zone", "created_at")]
    public async Task Every_column_of_the_diagram_is_there(string table, string type, string columns)
    {
        await using var connection = new NpgsqlConnection(Application.OwnerConnectionString);
        await connection.OpenAsync();

        var found = await Sql.TextsAsync(
            connection,
            "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and format_type(atttypid, null) = $2",
            table,
            type);

        Assert.That(columns.Split(' '), Is.SubsetOf(found));
    }
}
