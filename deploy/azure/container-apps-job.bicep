// A Container Apps job that loads the tenant every night with a managed identity.
//
//   az deployment group create --resource-group azgraph --template-file deploy/azure/container-apps-job.bicep \
//     --parameters image=<registry>/azgraph:0.1.0 neo4jUri=neo4j+s://… neo4jPassword=…
//
// The identity is given its rights afterwards, with the principal id that this puts out. The scripts that
// `azgraph permissions` writes make an app registration, and give an identity nothing: docs/connect.md, "Rights for a
// managed identity", has the commands for it.

@description('Where the job runs.')
param location string = resourceGroup().location

@description('The image of the Dockerfile of this repository, in a registry that the job can read.')
param image string

@description('The database, such as neo4j+s://example.databases.neo4j.io.')
param neo4jUri string

@description('Who azgraph is in the database.')
param neo4jUser string = 'neo4j'

@secure()
@description('The password of that user.')
param neo4jPassword string

@description('When, in UTC.')
param schedule string = '0 3 * * *'

@description('The name of the account in the graph.')
param account string = 'contoso'

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'azgraph'
  location: location
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'azgraph'
  location: location
  properties: {
    retentionInDays: 30
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: 'azgraph'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
  }
}

// JSON is YAML, whatever stands in it.
var configuration = string({
  instances: [
    {
      name: account
      tenant: tenant().tenantId
      sign_in: 'managed_identity'
      client_id: identity.properties.clientId
      interval: '1d'
    }
  ]
})

resource job 'Microsoft.App/jobs@2024-03-01' = {
  name: 'azgraph'
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    environmentId: environment.id
    configuration: {
      triggerType: 'Schedule'
      scheduleTriggerConfig: {
        cronExpression: schedule
        parallelism: 1
        replicaCompletionCount: 1
      }
      replicaTimeout: 21600
      replicaRetryLimit: 1
      secrets: [
        {
          name: 'neo4j-password'
          value: neo4jPassword
        }
        {
          name: 'azgraph-yaml'
          value: configuration
        }
      ]
    }
    template: {
      containers: [
        {
          name: 'load'
          image: image
          args: ['azgraph', 'watch', '--once']
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          env: [
            {
              name: 'AZGRAPH_CONFIG'
              value: '/etc/azgraph/azgraph-yaml'
            }
            // Nothing in it outlives the job. The graph keeps scores and alerts; reports need a volume of Azure Files.
            {
              name: 'AZGRAPH_HOME'
              value: '/tmp/azgraph'
            }
            {
              name: 'NEO4J_URI'
              value: neo4jUri
            }
            {
              name: 'NEO4J_USER'
              value: neo4jUser
            }
            {
              name: 'NEO4J_PASSWORD'
              secretRef: 'neo4j-password'
            }
          ]
          volumeMounts: [
            {
              volumeName: 'configuration'
              mountPath: '/etc/azgraph'
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'configuration'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'azgraph-yaml'
              path: 'azgraph-yaml'
            }
          ]
        }
      ]
    }
  }
}

@description('Whom to give the rights: docs/connect.md, "Rights for a managed identity".')
output principalId string = identity.properties.principalId
